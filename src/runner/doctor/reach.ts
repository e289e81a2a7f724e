import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type PeerCertificate, type TLSSocket } from "node:tls";

import { lookupAddresses } from "../../engine/http/connector.ts";
import { trusting } from "../certificates.ts";
import { type Finding, fine, reasonOf, wrong } from "./finding.ts";

const TIMEOUT_MS = 10_000;
const DAY_MS = 86_400_000;
const SOON_DAYS = 14;

export interface Place {
  /** What stands there, for sentences: `the control plane`, `the proxy`. */
  what: string;
  hostname: string;
  port: number;
}

/** Whether a name leads to addresses here. */
export async function checkName({ what, hostname }: Place): Promise<Finding> {
  const check = "name";
  if (isIP(hostname) > 0) return fine(check, `${hostname} is an address, no name server is asked`);
  const startedAt = performance.now();
  try {
    const addresses = await lookupAddresses(hostname);
    const shown = addresses.map(({ address }) => address).join(", ");
    return fine(check, `${hostname} is ${shown} (${Math.round(performance.now() - startedAt)} ms)`);
  } catch (error) {
    return wrong(
      check,
      `the name ${hostname} of ${what} cannot be resolved here (${reasonOf(error)})`,
      "check the address for a typing error, and the name server of this machine; a name that only the other network knows must be told to this one",
    );
  }
}

/** Whether a TCP connection can be opened. */
export async function checkConnection({ what, hostname, port }: Place): Promise<Finding> {
  const check = "connection";
  const startedAt = performance.now();
  try {
    const socket = await opened(connectTcp({ host: hostname, port }), "connect");
    const address = socket.remoteAddress ?? hostname;
    socket.destroy();
    return fine(check, `${address} port ${port} answers (${Math.round(performance.now() - startedAt)} ms)`);
  } catch (error) {
    const why = reasonOf(error);
    const advice =
      why === "ECONNREFUSED"
        ? `start ${what}, or correct the port: nobody listens there`
        : "ask who runs the firewall between here and there to let this machine out to that port, or give a proxy with --server-proxy";
    return wrong(check, `${what} at ${hostname} port ${port} cannot be connected to (${why})`, advice);
  }
}

/** Whether the certificate at the other end is one that a runner accepts, and for how long. */
export async function checkCertificate(
  { hostname, port }: Place,
  { extraCaCerts, now }: { extraCaCerts?: string[]; now: Date },
): Promise<Finding> {
  const check = "certificate";
  try {
    const servername = isIP(hostname) > 0 ? {} : { servername: hostname };
    const options = {
      host: hostname,
      port,
      rejectUnauthorized: false,
      ...servername,
      ...trusting(extraCaCerts),
    };
    const socket = await opened(connectTls(options), "secureConnect");
    const certificate = socket.getPeerCertificate();
    const error = socket.authorized ? undefined : socket.authorizationError;
    socket.destroy();
    return judge(check, { certificate, error, hostname, now });
  } catch (error) {
    return wrong(
      check,
      `no TLS connection to ${hostname} port ${port} (${reasonOf(error)})`,
      "check whether that port speaks TLS: an http:// address needs none",
    );
  }
}

function judge(
  check: string,
  seen: { certificate: PeerCertificate; error: unknown; hostname: string; now: Date },
): Finding {
  const { certificate, error, hostname, now } = seen;
  const issuer = [certificate.issuer?.O ?? certificate.issuer?.CN ?? "an unnamed authority"].flat().join(" ");
  const until = new Date(certificate.valid_to);
  const daysLeft = Math.floor((until.getTime() - now.getTime()) / DAY_MS);
  if (error) {
    const why = reasonOf(error);
    return wrong(
      check,
      `the certificate of ${hostname}, issued by ${issuer}, is refused (${why})`,
      adviceFor(why, seen),
    );
  }
  const detail = `issued by ${issuer}, valid for ${daysLeft} days`;
  return daysLeft >= SOON_DAYS
    ? fine(check, detail)
    : wrong(
        check,
        detail,
        `have it renewed before ${until.toISOString().slice(0, 10)}: no runner connects after that`,
      );
}

function adviceFor(why: string, { certificate }: { certificate: PeerCertificate }): string {
  if (/ALTNAME|host|identity/i.test(why)) {
    return `use a name that is in it: ${certificate.subjectaltname ?? "it has none"}`;
  }
  if (/EXPIRED|NOT_YET/.test(why)) return "have it renewed; look at the clock of this machine, too";
  return "give the certificate of its authority with --ssl-extra-ca-certs FILE";
}

function opened<T extends Socket | TLSSocket>(socket: T, event: "connect" | "secureConnect"): Promise<T> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      socket.destroy();
      reject(error);
    };
    socket.setTimeout(TIMEOUT_MS, () => fail(new Error(`no answer in ${TIMEOUT_MS / 1000} s`)));
    socket.once("error", fail);
    socket.once(event, () => resolve(socket));
  });
}

/** Words enough that the text compresses as documentation and JSON bodies of real collections do, about six to one. */
const words =
  "account address amount api author available balance book branch cart catalog city client code comment country created currency customer date delivery description detail discount email error expired field filter found group header id invoice item language limit list message method name not number offer order owner page partner password payment phone price product query rate region request response result role search server shipment status stock store street supplier tag tax team time token total type unit update url user value version warehouse".split(
    " ",
  );

/** The same numbers for the same seed, evenly spread over 0…1. */
function createRandom(seed: number): () => number {
  let state = seed * 2_654_435_761 + 1;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 1_640_531_527) | 0;
    return (state >>> 0) / 4_294_967_296;
  };
}

/** A collection of about `sizeBytes` as JSON: folders of ten requests with scripts, bodies and saved responses. */
export function makeCollection(sizeBytes: number, seed: number) {
  const random = createRandom(seed);
  const word = () => words[Math.floor(random() * words.length)] ?? "";
  const text = (count: number) => Array.from({ length: count }, word).join(" ");
  const body = (fields: number) =>
    JSON.stringify(
      Object.fromEntries(
        Array.from({ length: fields }, (_, n) => [`${word()}${n}`, random() < 0.5 ? random() : text(3)]),
      ),
      null,
      2,
    );
  const item: unknown[] = [];
  let size = 200;
  while (size < sizeBytes) {
    const folder = { name: text(2), description: text(20), item: Array.from({ length: 10 }, makeRequest) };
    item.push(folder);
    size += JSON.stringify(folder).length + 1;
  }
  return {
    info: {
      name: `Large ${seed}`,
      description: text(30),
      schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
    },
    item,
    variable: [{ key: "baseUrl", value: "http://127.0.0.1:1" }],
  };

  function makeRequest() {
    const path = [word(), ":id", word()];
    const request = {
      method: "POST",
      header: [{ key: "Content-Type", value: "application/json" }],
      url: {
        raw: `{{baseUrl}}/${path.join("/")}?limit=10`,
        host: ["{{baseUrl}}"],
        path,
        query: [{ key: "limit", value: "10" }],
      },
      body: { mode: "raw", raw: body(10), options: { raw: { language: "json" } } },
      description: text(30),
    };
    return {
      name: text(3),
      event: [
        {
          listen: "test",
          script: {
            type: "text/javascript",
            exec: [`pm.test("${text(3)}", () => {`, `  pm.response.to.have.status(200);`, "});"],
          },
        },
      ],
      request,
      response: [
        {
          name: text(2),
          originalRequest: request,
          status: "OK",
          code: 200,
          header: [{ key: "Content-Type", value: "application/json" }],
          body: body(30),
        },
      ],
    };
  }
}

import config from "chai/lib/chai/config.js";

import { emptyRecord, type FlagRecord, type Flags, readFlag, toRecord, withFlag } from "./flags.ts";
import { endOfAssertions } from "./misspelt.ts";

/** A function that failures take for the start of their stack: frames above the script's own are left out. */
export type Start = (...values: never[]) => unknown;

/** Whatever flags are asked of: an assertion, a chainable method, or any object of a plugin. */
export type Subject = object & { __flags?: FlagRecord };

type Equality = (left: unknown, right: unknown) => boolean;

/** Reads the flag with two arguments, sets it with three. */
export let flag: (subject: Subject, key: PropertyKey, value?: unknown) => unknown;
/** Called first by every assertion: its failures start their stack there, unless it runs inside another one. */
export let startAt: (subject: Subject, start: Start) => void;
/** A new assertion that knows what this one knows. */
export let next: (subject: Subject) => Assertion;
/** Without `includeAll` the other one keeps what it is about. */
export let transferFlags: (from: Subject, to: Subject, includeAll?: unknown) => void;

/** Says to the constructor that it gets flags. Scripts cannot have it. */
const derived: unknown = Object.freeze({});

/** Under this name a chainable method tells which assertion it stands for. Scripts cannot have it. */
export const standsFor: unique symbol = Symbol("stands for");

const ofOneAssertion = new Set<string>(["object", "ssfi", "lockSsfi", "message"]);

let deepEqual: () => unknown = () => config.deepEqual;

/** `eql` is looked up in chai's tools each time: plugins replace it there. */
export function setEquality(tools: { eql: Equality }): void {
  deepEqual = () => config.deepEqual || tools.eql;
}

/** What `expect` gives. Private fields are defined, never assigned: assigning would ask the end of the prototype chain. */
export class Assertion {
  /** Missing once somebody asked for `__flags`: from then on they are an own property, which anybody may change. */
  #flags: Flags | undefined;
  #ssfi: unknown;

  constructor(object?: unknown, message?: unknown, ssfi?: unknown, lockSsfi?: unknown) {
    if (lockSsfi === derived) {
      // Only `next` passes this mark.
      this.#flags = object as Flags;
      this.#ssfi = ssfi;
      return;
    }
    this.#flags = { lockSsfi, object, message, eql: deepEqual(), more: undefined };
    this.#ssfi = ssfi || Assertion;
  }

  static {
    flag = function (subject, key, value) {
      if (#flags in subject) {
        const flags = subject.#flags;
        if (flags !== undefined) {
          // oxlint-disable-next-line prefer-rest-params -- A list per call costs more than the rest of it.
          if (arguments.length !== 3) return key === "ssfi" ? subject.#ssfi : readFlag(flags, key);
          if (key === "ssfi") subject.#ssfi = value;
          else subject.#flags = withFlag(flags, key, value);
          return undefined;
        }
      }
      const record = recordOf(subject);
      // oxlint-disable-next-line prefer-rest-params -- As above.
      if (arguments.length !== 3) return record[key];
      record[key] = value;
      return undefined;
    };

    startAt = (subject, start) => {
      if (#flags in subject && subject.#flags !== undefined) {
        if (!subject.#flags.lockSsfi) subject.#ssfi = start;
        return;
      }
      const record = recordOf(subject);
      if (!record["lockSsfi"]) record["ssfi"] = start;
    };

    next = (subject) => {
      if (#flags in subject && subject.#flags !== undefined) {
        return new Assertion(subject.#flags, undefined, subject.#ssfi, derived);
      }
      const assertion = new Assertion();
      transferFlags(subject, assertion);
      return assertion;
    };

    transferFlags = function (from, to, includeAll) {
      // oxlint-disable-next-line prefer-rest-params -- As above; undefined means something here, too.
      const all = arguments.length !== 3 || includeAll;
      if (all && #flags in from && from.#flags && #flags in to && to.#flags && !to.#flags.more) {
        to.#flags = from.#flags;
        to.#ssfi = from.#ssfi;
        return;
      }
      const target = recordOf(to);
      const flags = recordOf(from);
      for (const key in flags) {
        if (all || !ofOneAssertion.has(key)) target[key] = flags[key];
      }
    };

    const flagsDescriptor: PropertyDescriptor & ThisType<Assertion> = {
      get() {
        const owner = ownerOf(this);
        const flags = owner && owner.#flags;
        return flags ? attach(owner, toRecord(flags, owner.#ssfi)) : undefined;
      },
      set(record: FlagRecord) {
        attach(this, record);
      },
    };

    /** Anything that inherits from an assertion shares its flags. */
    const ownerOf = (subject: object): Assertion | undefined => {
      let owner: object | null = subject;
      while (owner && !(#flags in owner)) owner = Object.getPrototypeOf(owner) as object | null;
      return owner ?? undefined;
    };

    const attach = (subject: object, record: FlagRecord): FlagRecord => {
      // What all assertions inherit from has no flags of its own.
      if (subject === Assertion.prototype) return record;
      if (#flags in subject) subject.#flags = undefined;
      Object.defineProperty(subject, "__flags", {
        value: record,
        writable: true,
        enumerable: true,
        configurable: true,
      });
      return record;
    };
    Object.defineProperty(Assertion.prototype, "__flags", flagsDescriptor);
  }
}

/** The function through which a property is being read, if there is one: the stack starts before it. */
let reader: Start | undefined;

/** As `startAt`, for an assertion without brackets. */
export function startPropertyAt(subject: Subject, start: Start): void {
  const outer = reader;
  reader = undefined;
  startAt(subject, outer ?? start);
}

/** Says which function reads the next property. */
export function readBy(start: Start | undefined): void {
  reader = start;
}

/** The flags of a subject that does not keep them itself, as in chai: a plain property of it. */
function recordOf(subject: Subject): FlagRecord {
  const flagged = subjectOf(subject);
  const { __flags } = flagged;
  if (__flags) return __flags;
  const record = emptyRecord();
  flagged.__flags = record;
  return record;
}

/** The assertion that a chainable method stands for; anything else is itself. */
export const subjectOf = (subject: Subject): Subject =>
  typeof subject === "function" ? ((subject as { [standsFor]?: Subject })[standsFor] ?? subject) : subject;

Object.setPrototypeOf(Assertion.prototype, endOfAssertions(Assertion.prototype));

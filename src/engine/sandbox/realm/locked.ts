/** Gives an object members that cannot be replaced and are not listed. Takes their values: for getters see below. */
export function lockValues<T extends object, M extends object>(object: T, values: M): T & M {
  for (const name in values) Object.defineProperty(object, name, { value: values[name] });
  // Just given to it.
  return object as T & M;
}

/** The same where some members are getters, which they stay. */
export function lockMembers<T extends object, M extends object>(object: T, members: M): T & M {
  for (const name of Reflect.ownKeys(members)) {
    const descriptor = Object.getOwnPropertyDescriptor(members, name);
    const isGetter = descriptor !== undefined && "get" in descriptor && descriptor.get !== undefined;
    Object.defineProperty(
      object,
      name,
      isGetter
        ? { ...descriptor, enumerable: false, configurable: false }
        : { value: descriptor?.value as unknown, writable: false },
    );
  }
  // Just given to it.
  return object as T & M;
}

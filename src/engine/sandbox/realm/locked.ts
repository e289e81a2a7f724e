/** Gives an object members that cannot be replaced and are not listed; getters stay getters. */
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

/** Gives an object members that cannot be replaced and are not listed; getters stay getters. */
export function lockMembers<T extends object, M extends object>(object: T, members: M): T & M {
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(members))) {
    const { get, value } = descriptor as PropertyDescriptor;
    Object.defineProperty(object, name, get ? { get, configurable: false } : { value, writable: false });
  }
  // Just given to it.
  return object as T & M;
}

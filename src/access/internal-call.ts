import type { Actor } from "./context.ts";

const actors = new WeakMap<Request, Actor>();

/**
 * A request that this process makes to its own API for somebody whom it has authenticated in another way (a token of
 * OAuth). The door of the API takes the actor from here, and applies scopes, rights, limits and records as to anybody.
 * Nothing of a request that came over the network stands in this map, so no header can pass for it.
 */
export function speakFor(request: Request, actor: Actor): Request {
  actors.set(request, actor);
  return request;
}

/** Undefined for every request that came from outside. */
export const actorOfInternalCall = (request: Request): Actor | undefined => actors.get(request);

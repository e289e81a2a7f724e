/** `pm.visualizer`: checked as in Postman. Nothing is kept, because no page of ours draws what templates describe. */
export function createVisualizer() {
  return {
    set(template: unknown, data?: unknown, options?: unknown): void {
      if (typeof template !== "string") {
        throw new Error(`Invalid template. Template must be of type string, found ${typeof template}`);
      }
      if (data && typeof data !== "object") {
        throw new Error(`Invalid data. Data must be an object, found ${typeof data}`);
      }
      if (options && typeof options !== "object") {
        throw new Error(`Invalid options. Options must be an object, found ${typeof options}`);
      }
    },
    clear(): void {},
  };
}

export type Bytes = ArrayBuffer | ArrayBufferView;

/** The same bytes, not a copy. */
export const toBytes = (value: Bytes): Uint8Array =>
  ArrayBuffer.isView(value)
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : new Uint8Array(value);

/** The protocol version this code speaks. Raise it with every change to the wire; see docs/PROTOCOL.md. */
export const PROTOCOL_VERSION = 1;
export const PROTOCOL_VERSION_MIN = 1;
/** Format number inside every manifest. */
export const MANIFEST_FORMAT = 1;

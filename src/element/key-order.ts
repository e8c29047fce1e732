/** Order of an ObjectStore listing: by the keys' UTF-8 bytes, which is not the order of JavaScript strings. */
export const compareKeys = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

const PAGE_BYTES = 64 * 1_024;

// The types of Node leave it out.
declare const WebAssembly: {
  readonly Memory: new (pages: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
};

/**
 * So many bytes that begin at a page of the machine, as a read or write past the system's cache needs: WebAssembly's memory does, and
 * of no other does Node say how it lies. It is never given back while anything refers to it.
 */
export function alignedMemory(bytes: number): ArrayBuffer {
  return new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE_BYTES) }).buffer;
}

/** The file system has no way past the cache, or wants other blocks than we have: it says so at opening, or only at the first use. */
export function isRefused(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EINVAL';
}

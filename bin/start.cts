#!/usr/bin/env node
// The file Node opens first. libuv reads UV_THREADPOOL_SIZE when its pool is first used, and Node's loader of
// ES modules uses the pool before a module's first line runs (measured on Node 20): only a CommonJS file is early enough.
// 16: disk syncs and serial ports share the pool, and with four threads a sync makes a serial
// round trip wait (0.12 ms became 11 ms).
process.env['UV_THREADPOOL_SIZE'] ??= '16';
// A build makes this the packed program (bin/pack.mjs).
void import('./holdfast.ts');

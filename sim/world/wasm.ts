import { setFlagsFromString } from 'node:v8';

// Cedar is WebAssembly, and V8 compiles what is used often once more with its slow compiler: more work than all decisions of many runs
// give back. So it waits until a function has done much more. V8 reads this number when the module is loaded: import this one first.
setFlagsFromString('--wasm-tiering-budget=1000000000');

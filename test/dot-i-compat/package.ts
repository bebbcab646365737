import { createRequire } from 'node:module';

/** The package as CommonJS gives it: vitest and Node disagree on what an ESM import of it has as its default. */
export const dotI = createRequire(import.meta.url)('@dot-i/k8s-operator') as typeof import('@dot-i/k8s-operator');

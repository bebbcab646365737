import type { Random } from './random.ts';

export const systemRandom: Random = Object.freeze({ next: () => Math.random() });

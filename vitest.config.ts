import { defineConfig } from 'vitest/config';

const sources = ['packing', 'crds', 'kube', 'statistics', 'evals', 'operator', 'runtime', 'cli', 'hack', 'test'];

/** `unit` needs nothing but Node; `integration` (`*.integration.test.ts`) gets a real API server from its global set-up. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: sources.map((folder) => `${folder}/**/*.test.ts`),
          exclude: ['**/node_modules/**', '**/*.integration.test.ts'],
          // Ends what hangs, and says nothing about speed: on a machine that is busy with other work seconds pass in any test.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: sources.map((folder) => `${folder}/**/*.integration.test.ts`),
          exclude: ['**/node_modules/**'],
          globalSetup: ['hack/src/test-tiers/control-plane-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});

import { defineConfig } from 'vitest/config';

const sources = ['crds', 'kube', 'statistics', 'evals', 'operator', 'runtime', 'cli', 'hack', 'test'];

/** `unit` needs nothing but Node; `integration` (`*.integration.test.ts`) gets a real API server from its global set-up. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: sources.map((folder) => `${folder}/**/*.test.ts`),
          exclude: ['**/node_modules/**', '**/*.integration.test.ts'],
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

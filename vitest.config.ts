import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { API_SERVER_LANE, APART_LANE, type IntegrationLane, SOURCES } from './hack/src/test-tiers/integration-lanes.ts';

/** Before any other: what those start writes there, too. */
const temporaryFolder = 'hack/src/test-tiers/temporary-folder.ts';

/** vitest runs one project of this kind after the other; ./hack/test runs both side by side, in a process each. */
function integration({ project, include, exclude }: IntegrationLane) {
  return { name: project, include: [...include], exclude: [...exclude], globalSetup: [temporaryFolder], testTimeout: 60_000, hookTimeout: 120_000, fileParallelism: false };
}

/** `unit` needs nothing but Node; the tests of the API server's lane (`*.integration.test.ts`) get a real one from its global set-up. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: SOURCES.map((folder) => `${folder}/**/*.test.ts`),
          exclude: ['**/node_modules/**', '**/*.integration.test.ts'],
          globalSetup: [temporaryFolder],
          // Ends what hangs, and says nothing about speed: on a machine that is busy with other work seconds pass in any test.
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // vitest's own choice leaves one processor to itself, which is half of two.
          maxWorkers: Math.max(2, availableParallelism() - 1),
        },
      },
      { test: { ...integration(API_SERVER_LANE), globalSetup: [temporaryFolder, 'hack/src/test-tiers/control-plane-setup.ts'] } },
      { test: integration(APART_LANE) },
    ],
  },
});

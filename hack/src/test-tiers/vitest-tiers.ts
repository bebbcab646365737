import { INTEGRATION_LANES } from './integration-lanes.ts';
import { runLanes } from './run-lanes.ts';
import { prepareTestTools } from './test-tools.ts';
import { nothingHinders, type Tier } from './tier.ts';
import { runProject } from './vitest-project.ts';

export const unitTier: Tier = { name: 'unit', title: 'unit tests', hindrance: nothingHinders, run: async (context) => runProject('unit', context) };

/** The API server is started by the global set-up of the lane that uses it (control-plane-setup.ts). */
export const integrationTier: Tier = {
  name: 'integration',
  title: 'integration tests, real API server',
  hindrance: nothingHinders,
  run: async (context) => {
    const began = context.clock.monotonicMs();
    await prepareTestTools(context);
    const seconds = (context.clock.monotonicMs() - began) / 1000;
    const result = await runLanes(INTEGRATION_LANES, context, { run: runProject, print: (line) => void process.stdout.write(`${line}\n`) });
    return { ...result, longest: [{ name: 'tools', seconds }, ...result.longest] };
  },
};

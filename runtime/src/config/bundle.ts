import { agentBundle, type AgentBundle } from '@sluice/crds';
import { ConfigError, type ConfigProblem } from './config-error.ts';
import { hasCredentials } from './destination-problems.ts';
import { guardrailProblems } from './guardrail-problems.ts';
import { priceProblems, tierProblems } from './price-problems.ts';
import { readJsonFile } from './json-file.ts';
import { schemaProblems } from './schema-problems.ts';
import { toolProblems } from './tool-problems.ts';

function endpointProblems({ model }: AgentBundle): ConfigProblem[] {
  const others = (['fallbacks', 'tiers'] as const).flatMap((list) => (model[list] ?? []).map(({ provider }, index) => ({ field: `model.${list}[${index}].provider.endpoint`, provider })));
  return [{ field: 'model.provider.endpoint', provider: model.provider }, ...others].flatMap(({ field, provider: { endpoint } }) => {
    if (endpoint === undefined || !hasCredentials(new URL(endpoint))) return [];
    return [{ field, problem: 'holds credentials', fix: 'Remove the part before "@"; the key belongs into the Secret of the provider' }];
  });
}

function duplicateNames(bundle: AgentBundle): ConfigProblem[] {
  const names = bundle.tools.map((tool) => tool.name);
  return names.flatMap((name, index) =>
    names.indexOf(name) === index ? [] : [{ field: `tools[${index}].name`, value: name, problem: `is the name of tools[${names.indexOf(name)}] too`, fix: 'Give each tool a name of its own' }],
  );
}

/** Checks a parsed bundle. Throws ConfigError with every problem. */
export function parseBundle(input: unknown): AgentBundle {
  const parsed = agentBundle.safeParse(input);
  if (!parsed.success) throw new ConfigError(schemaProblems(parsed.error, input));
  const bundle = parsed.data;
  const problems = [...endpointProblems(bundle), ...duplicateNames(bundle), ...guardrailProblems(bundle), ...priceProblems(bundle), ...tierProblems(bundle), ...toolProblems(bundle)];
  if (problems.length > 0) throw new ConfigError(problems);
  return bundle;
}

/** Reads and checks the bundle that SLUICE_BUNDLE_FILE names. Throws ConfigError. */
export function loadBundle(path: string): AgentBundle {
  return parseBundle(readJsonFile(path, { field: 'SLUICE_BUNDLE_FILE', what: 'the agent bundle' }));
}

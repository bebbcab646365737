import { agentBundle, type AgentBundle, type BundleTool } from '@sluice/crds';
import { hostPatternProblem, isAllowedHost } from '../egress/host-pattern.ts';
import { parseIp, parseNetwork } from '../egress/ip-address.ts';
import { dialRefusal } from '../egress/policy.ts';
import { compileArguments } from '../tools/arguments.ts';
import { ToolSchemaError } from '../tools/tool-schema-error.ts';
import { parseUrlTemplate } from '../tools/url-template.ts';
import { ConfigError, type ConfigProblem } from './config-error.ts';
import { guardrailProblems } from './guardrail-problems.ts';
import { readJsonFile } from './json-file.ts';
import { schemaProblems } from './schema-problems.ts';

type ToolCheck = (tool: BundleTool, at: string) => ConfigProblem[];

function parameterProblems(tool: BundleTool, at: string): ConfigProblem[] {
  const field = `${at}.parameters`;
  if (tool.parameters['type'] !== 'object') return [{ field: `${field}.type`, value: tool.parameters['type'] ?? null, problem: 'must be "object"', fix: 'Describe the arguments as one JSON schema object' }];
  try {
    compileArguments(tool.parameters);
    return [];
  } catch (error) {
    if (!(error instanceof ToolSchemaError)) throw error;
    return [{ field, problem: `is no JSON schema: ${error.message}`, fix: 'Write a schema of draft 2020-12' }];
  }
}

function placeholderProblems(tool: BundleTool, at: string): ConfigProblem[] {
  const properties = tool.parameters['properties'];
  const known = typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
  return parseUrlTemplate(tool.http.url).names.flatMap((name) => {
    if (known.includes(name)) return [];
    return [{ field: `${at}.http.url`, problem: `has the placeholder {${name}}, which is no property of the parameters`, fix: `Add "${name}" to parameters.properties, or correct the placeholder` }];
  });
}

function originProblems(tool: BundleTool, at: string): ConfigProblem[] {
  const field = `${at}.http.url`;
  const url = new URL(tool.http.url);
  if (hasCredentials(url)) return [{ field, problem: 'holds credentials', fix: 'Remove the part before "@"; the bundle must not hold secrets' }];
  if (/[{}]|%7b|%7d/i.test(url.host)) return [{ field, value: tool.http.url, problem: 'has a placeholder in its host', fix: 'Name the host; placeholders are for the path and the query' }];
  if (!isAllowedHost(url, tool.http.allowedHosts)) return [{ field, value: tool.http.url, problem: `has the host ${url.host}, which ${at}.http.allowedHosts does not allow, so every call would be refused`, fix: `Add "${url.hostname}" to allowedHosts, or correct the URL` }];
  return [];
}

function allowListProblems(tool: BundleTool, at: string): ConfigProblem[] {
  return tool.http.allowedHosts.flatMap((pattern, index) => {
    const problem = hostPatternProblem(pattern);
    return problem === undefined ? [] : [{ field: `${at}.http.allowedHosts[${index}]`, value: pattern, problem, fix: 'Write a host such as "api.example.com", or "*.example.com" for all names below it' }];
  });
}

function networkProblems(tool: BundleTool, at: string): ConfigProblem[] {
  return (tool.http.allowedNetworks ?? []).flatMap((cidr, index) =>
    parseNetwork(cidr) === undefined ? [{ field: `${at}.http.allowedNetworks[${index}]`, value: cidr, problem: 'is no network', fix: 'Write a CIDR such as "10.20.0.0/16"' }] : [],
  );
}

function addressProblems(tool: BundleTool, at: string): ConfigProblem[] {
  const { hostname } = new URL(tool.http.url);
  const refused = parseIp(hostname) === undefined ? undefined : dialRefusal(hostname, hostname, tool.http);
  return refused === undefined ? [] : [{ field: `${at}.http.url`, value: tool.http.url, problem: `cannot be called: ${refused}`, fix: 'Name another host; metadata, link-local and reserved addresses are closed to tools' }];
}

const toolChecks: readonly ToolCheck[] = [parameterProblems, placeholderProblems, originProblems, addressProblems, allowListProblems, networkProblems];

function hasCredentials(url: URL): boolean {
  return url.username !== '' || url.password !== '';
}

function endpointProblems({ model }: AgentBundle): ConfigProblem[] {
  const { endpoint } = model.provider;
  if (endpoint === undefined || !hasCredentials(new URL(endpoint))) return [];
  return [{ field: 'model.provider.endpoint', problem: 'holds credentials', fix: 'Remove the part before "@"; the key belongs into the Secret of the provider' }];
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
  const problems = [...endpointProblems(bundle), ...duplicateNames(bundle), ...guardrailProblems(bundle), ...bundle.tools.flatMap((tool, index) => toolChecks.flatMap((check) => check(tool, `tools[${index}]`)))];
  if (problems.length > 0) throw new ConfigError(problems);
  return bundle;
}

/** Reads and checks the bundle that SLUICE_BUNDLE_FILE names. Throws ConfigError. */
export function loadBundle(path: string): AgentBundle {
  return parseBundle(readJsonFile(path, { field: 'SLUICE_BUNDLE_FILE', what: 'the agent bundle' }));
}

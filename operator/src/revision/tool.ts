import type { AgentSpec, AgentTool, BundleCredential, BundleTool } from '@sluice/crds';
import { defined } from './defined.ts';
import { invalidSpec, shown } from './error.ts';
import { milliseconds } from './milliseconds.ts';

type Destination = Pick<NonNullable<BundleTool['mcp']>, 'url' | 'allowedHosts' | 'allowedNetworks' | 'credential'>;

/** Hosts and networks are sets: their order makes no other revision. */
export function destination({ url, allowedHosts, allowedNetworks, credential }: { [K in keyof Destination]: Destination[K] | undefined } & Pick<Destination, 'url' | 'allowedHosts'>): Destination {
  return { url, allowedHosts: allowedHosts.toSorted(), ...defined({ allowedNetworks: allowedNetworks?.toSorted(), credential }) };
}

/** Tools of an operation, searches and those that a server lists have parameters of their own; others without any take no arguments. */
function parametersOf(tool: AgentTool, field: string): BundleTool['parameters'] {
  const hasOwn = tool.openapi !== undefined || tool.knowledge !== undefined || tool.mcp?.schema === 'Server';
  if (tool.parameters === undefined) return !hasOwn ? { type: 'object', properties: {} } : undefined;
  if (tool.parameters['type'] === 'object') return tool.parameters;
  throw invalidSpec(`${field}.parameters.type`, `is ${shown(tool.parameters['type'])}: model providers accept object schemas only; write type: object`);
}

function approvalOf({ write }: AgentTool, field: string): NonNullable<BundleTool['write']>['approval'] {
  const approval = write?.approval;
  if (approval === undefined) return undefined;
  const { when, arguments: rule, timeout, before } = approval;
  return { when, ...defined({ arguments: rule }), timeoutMs: milliseconds(`${field}.write.approval.timeout`, timeout), ...(before === undefined ? {} : { before: { tool: before.tool, ...defined({ arguments: before.arguments }) } }) };
}

function writeOf(tool: AgentTool, field: string): BundleTool['write'] {
  return tool.write === undefined ? undefined : defined({ roles: tool.write.roles?.toSorted(), approval: approvalOf(tool, field) });
}

/** Throws RevisionError (InvalidSpec). Members that are not set are left out, so that old agents keep the names of their revisions. */
export function renderTool(tool: AgentTool, index: number): BundleTool {
  const field = `spec.agent.tools[${index}]`;
  const { name, description, http, mcp, effect } = tool;
  return {
    name,
    description,
    ...defined({ parameters: parametersOf(tool, field) }),
    ...(http === undefined ? {} : { http: { method: http.method, ...destination(http) } }),
    ...(mcp === undefined ? {} : { mcp: { ...destination(mcp), ...defined({ tool: mcp.tool, schema: mcp.schema }) } }),
    ...defined({ openapi: tool.openapi, transform: tool.transform }),
    ...(tool.knowledge === undefined ? {} : { knowledge: defined(tool.knowledge) }),
    timeoutMs: milliseconds(`${field}.timeout`, tool.timeout),
    effect,
    ...defined({ maxResultBytes: tool.maxResultBytes, maxConcurrentCalls: tool.maxConcurrentCalls, idempotent: tool.idempotent, retries: tool.retries }),
    ...(tool.select === undefined ? {} : { select: defined(tool.select) }),
    ...defined({ write: writeOf(tool, field) }),
  };
}

/** Without the reference to the Secret: the pods find it as a file under the name. */
export function renderCredential({ name, header, oauth }: NonNullable<AgentSpec['credentials']>[number]): BundleCredential {
  return { name, ...defined({ header, oauth: oauth && { ...destination(oauth), clientId: oauth.clientId, ...defined({ scope: oauth.scope }) } }) };
}

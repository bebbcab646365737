import type { BundleTool } from '@sluice/crds';
import { compileApprovalRule, type NeedsApproval } from '../approvals/approval-rule.ts';
import type { HttpTransport } from '../egress/transport.ts';
import { compileArguments, type CheckArguments } from './arguments.ts';
import { createCallPermits, type CallPermits } from './call-permits.ts';
import { createHttpRunner } from './http-tool.ts';
import { IncompleteTool } from './incomplete-tool.ts';
import { compileSelection, type Selection } from './select.ts';
import type { ToolResources } from './tool-resources.ts';
import { noParameters, type ToolRunner } from './tool-runner.ts';
import { createTransformRunner } from './transform-tool.ts';

const defaultConcurrentCalls = 64;

/** A tool of the bundle, ready to be called. */
export interface LoadedTool {
  readonly tool: BundleTool;
  readonly runner: ToolRunner;
  readonly check: CheckArguments;
  /** What the model is told of the arguments; undefined while the tool is not offered. */
  readonly parameters: () => ToolRunner['parameters'] | undefined;
  readonly selection: Selection;
  readonly permits: CallPermits;
  readonly needsApproval: NeedsApproval;
}

function createRunner(tool: BundleTool, transport: HttpTransport, resources: ToolResources): ToolRunner {
  const { http, mcp, openapi, knowledge, transform, effect } = tool;
  const parameters = tool.parameters ?? noParameters;
  if (http !== undefined) return createHttpRunner({ target: http, effect, parameters, transport, credential: resources.credential(http.credential) });
  if (mcp !== undefined) return resources.mcpRunner({ target: { ...mcp, tool: mcp.tool ?? tool.name }, parameters });
  if (openapi !== undefined) return createHttpRunner({ effect, transport, ...resources.operation(openapi, tool.parameters) });
  if (knowledge !== undefined) return resources.searchRunner(knowledge);
  if (transform !== undefined) return createTransformRunner({ expression: transform.expression, parameters });
  throw new IncompleteTool(`the tool ${tool.name} calls nothing`);
}

const notOffered = { ok: false, reason: 'the server of this tool does not offer it now' } as const;

/** A schema that a server lists is compiled when it is first seen; it was found to compile before. */
function checked({ parameters, listed }: ToolRunner): Pick<LoadedTool, 'check' | 'parameters'> {
  if (listed === undefined) return { parameters: () => parameters, check: compileArguments(parameters) };
  let known: { readonly of: unknown; readonly check: CheckArguments } | undefined;
  const check: CheckArguments = (json) => {
    const current = listed();
    if (current === undefined) return notOffered;
    if (known?.of !== current) known = { of: current, check: compileArguments(current, 'server') };
    return known.check(json);
  };
  return { parameters: listed, check };
}

/** Throws ToolSchemaError, ExpressionError, OpenapiError or IncompleteTool. */
export function loadTool(tool: BundleTool, transport: HttpTransport, resources: ToolResources): LoadedTool {
  const runner = createRunner(tool, transport, resources);
  return {
    tool,
    runner,
    ...checked(runner),
    selection: compileSelection(tool),
    permits: createCallPermits(tool.maxConcurrentCalls ?? defaultConcurrentCalls),
    needsApproval: compileApprovalRule(tool.write?.approval),
  };
}

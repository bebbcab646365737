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
  readonly selection: Selection;
  readonly permits: CallPermits;
  readonly needsApproval: NeedsApproval;
}

function createRunner(tool: BundleTool, transport: HttpTransport, resources: ToolResources): ToolRunner {
  const { http, mcp, openapi, knowledge, transform, effect } = tool;
  const parameters = tool.parameters ?? noParameters;
  if (http !== undefined) return createHttpRunner({ target: http, effect, parameters, transport });
  if (mcp !== undefined) return resources.mcpRunner({ target: { ...mcp, tool: mcp.tool ?? tool.name }, parameters });
  if (openapi !== undefined) return createHttpRunner({ effect, transport, ...resources.operation(openapi, tool.parameters) });
  if (knowledge !== undefined) return resources.searchRunner(knowledge);
  if (transform !== undefined) return createTransformRunner({ expression: transform.expression, parameters });
  throw new IncompleteTool(`the tool ${tool.name} calls nothing`);
}

/** Throws ToolSchemaError, ExpressionError, OpenapiError or IncompleteTool. */
export function loadTool(tool: BundleTool, transport: HttpTransport, resources: ToolResources): LoadedTool {
  const runner = createRunner(tool, transport, resources);
  return {
    tool,
    runner,
    check: compileArguments(runner.parameters),
    selection: compileSelection(tool),
    permits: createCallPermits(tool.maxConcurrentCalls ?? defaultConcurrentCalls),
    needsApproval: compileApprovalRule(tool.write?.approval),
  };
}

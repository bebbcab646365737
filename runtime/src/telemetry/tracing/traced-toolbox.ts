import type { BundleTool } from '@sluice/crds';
import { unknownTool, type Toolbox } from '../../tools/toolbox.ts';
import { traceHeaders } from './trace-context.ts';
import { secondsSince, type Instruments } from './instruments.ts';
import { errorType } from './tracing.ts';

/** How a tool does its work, by the words of the convention. */
function toolType(tool: BundleTool | undefined): string {
  if (tool?.knowledge !== undefined) return 'datastore';
  return tool?.transform === undefined ? 'extension' : 'function';
}

/** Tells of each call of a tool. Never its arguments, nor what it gave. */
export function traceToolbox(toolbox: Toolbox, tools: readonly BundleTool[], { tracing, record, clock }: Instruments): Toolbox {
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  return {
    ...toolbox,
    call: async (call, signal) => {
      const tool = byName.get(call.name);
      // The model writes the names that it calls: of one that the agent does not have, nothing is told but that.
      const name = tool?.name ?? unknownTool;
      const attributes = { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': name, 'gen_ai.tool.type': toolType(tool), 'gen_ai.tool.call.id': call.ref, 'sluice.tool_effect': toolbox.effectOf(call.name) };
      const started = clock.now();
      const took = (failure?: string): void => record('gen_ai.execute_tool.duration', secondsSince(clock, started), { 'gen_ai.tool.name': name, 'error.type': failure });
      return await tracing.within({ span: 'tool', attributes }, async (span) => {
        try {
          const result = await toolbox.call({ ...call, trace: traceHeaders(tracing.current()) }, signal);
          const failure = result.kind === 'failed' ? result.failure : undefined;
          span.set({ 'sluice.outcome': failure ?? (result.kind === 'ok' ? 'success' : 'pending') });
          if (failure !== undefined) span.fail(failure);
          took(failure);
          return result;
        } catch (error) {
          took(signal.aborted ? 'cancelled' : errorType(error));
          throw error;
        }
      });
    },
  };
}

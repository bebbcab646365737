import { systemClock } from '../../hack/src/progress/clock.ts';
import { createTerminalProgress } from '../../hack/src/progress/terminal-progress.ts';
import { ensureSystemPrograms } from '../../hack/src/tools/system-programs.ts';

/** Path of Lua 5.1, the version that Argo CD speaks. Throws ToolError where it is missing and can't be installed. */
export async function luaInterpreter(signal: AbortSignal): Promise<string> {
  const progress = createTerminalProgress({ stream: process.stderr, clock: systemClock });
  return (await ensureSystemPrograms(['lua5.1'], { progress, signal }))['lua5.1'];
}

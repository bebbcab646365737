import { anonymous, type Caller } from '../approvals/caller.ts';
import { layeredFlags, type Flags } from '../config/live/flag-table.ts';
import { failed } from '../tools/tool-result.ts';
import type { Toolbox } from '../tools/toolbox.ts';
import type { Access } from './access/access.ts';
import type { InvocationService } from './invocation.ts';
import { HttpProblem } from './problem.ts';

const retryAfterSeconds = 60;

/** Somebody has switched this off for now. */
export class SwitchedOff extends HttpProblem {
  override readonly name = 'SwitchedOff';

  constructor(what: string) {
    super({ status: 503, slug: 'switched-off', title: 'This is switched off', detail: `${what} switched off for now`, retryAfterSeconds, outcome: 'rejected' });
  }
}

/** The switches in force for who asks; in an open server nobody is told apart. */
export function flagsFor(access: Pick<Access, 'tenant'>, caller: Caller = anonymous): Flags {
  return layeredFlags(access.tenant(caller.tenant).flags);
}

/** Throws SwitchedOff where jobs are not taken in. */
export function checkJobs(access: Pick<Access, 'tenant'>, caller: Caller): void {
  if (!flagsFor(access, caller).jobs) throw new SwitchedOff('Jobs are');
}

/** Answers whom the switches let be answered, in the way that they allow. */
export function switchInvocations(service: InvocationService, access: Pick<Access, 'tenant'>): InvocationService {
  return {
    invoke: async (request, options) => {
      const flags = flagsFor(access, options.principal);
      if (!flags.answers) throw new SwitchedOff('The agent is');
      return await service.invoke(request, flags.streaming ? options : { ...options, listener: { ...options.listener, onText: undefined } });
    },
  };
}

/** Calls of tools that write, where the switches let them be made. */
export function switchTools(toolbox: Toolbox, access: Pick<Access, 'tenant'>): Toolbox {
  return {
    ...toolbox,
    call: async (call, signal) => {
      if (toolbox.effectOf(call.name) === 'Read' || flagsFor(access, call.caller).writes) return await toolbox.call(call, signal);
      return failed('refused', 'writes are switched off for now: tell the user that nothing was changed');
    },
  };
}

import { afterEach, describe, expect, it, vi } from 'vitest';
import { eventually, pause } from '../../../kube/src/testing/eventually.ts';
import { answer, status } from '../../../kube/src/testing/scripted-server.ts';
import { type Widget, widget } from '../../../kube/src/testing/widgets.ts';
import { Contest, fromTheBeginning, type ProbeOptions, type Side } from './contest.ts';

vi.setConfig({ testTimeout: 180_000 });

const open: Contest[] = [];

afterEach(async () => {
  for (const contest of open.splice(0)) await contest.close();
});

/** Starts one side with widgets of these names there, and waits for its first watch. */
async function begin(side: Side, options: ProbeOptions = {}, names: readonly string[] = ['a']): Promise<Contest> {
  const contest = await Contest.start(side, options, ({ api }) => {
    for (const name of names) api.put(widget(name, 'ns'));
  });
  open.push(contest);
  // The start of a process is nobody's fault: bounded by the test's own time alone.
  while (contest.server.api.openWatches === 0 && contest.exitCode === undefined) await pause(20);
  return contest;
}

function stored({ server }: Contest, name: string): Widget | undefined {
  return server.api.get('ns', name);
}

describe('row A.2/stop on a healthy watch', () => {
  it('ours ends by itself with code 0 and no connection; the package calls process.exit(1)', async () => {
    const [ours, theirs] = [await begin('own'), await begin('package')];
    for (const each of [ours, theirs]) {
      await eventually('the widget is heard of', () => each.count('event ADDED a') === 1);
      each.askToStop();
    }
    expect([await ours.ended(), await theirs.ended()]).toEqual([0, 1]);
    await eventually('no connection is left', () => ours.server.api.server.sockets.open === 0);
  });
});

describe('row A.2/stop after a watch that ended cleanly', () => {
  it('ours opens no other watch; the package goes on opening them', async () => {
    const ours = await begin('own');
    ours.server.api.endWatches();
    ours.askToStop();
    expect(await ours.ended()).toBe(0);
    const atEnd = ours.server.api.count('watch');
    await pause(400);
    expect(ours.server.api.count('watch')).toBe(atEnd);

    const theirs = await begin('package', { stopping: 'between watches' });
    theirs.server.api.endWatches();
    await eventually('it watches again although it was stopped', () => theirs.server.api.count('watch') === 2);
    expect(theirs.count('log debug restarting watch')).toBe(1);
    expect(theirs.exitCode).toBeUndefined();
  });
});

describe('row A.2/a handler rejects', () => {
  it('ours logs it and calls the handler again; the package does neither', async () => {
    const [ours, theirs] = [await begin('own', { behaviour: 'reject' }, ['bad']), await begin('package', { behaviour: 'reject' }, ['bad'])];
    await eventually('ours calls again', () => ours.count('event ADDED bad') >= 3);
    expect(ours.lines.some((line) => line.startsWith('log error') && line.includes('this object cannot be handled'))).toBe(true);
    theirs.server.api.put(widget('next', 'ns'));
    await eventually('theirs goes on to the next', () => theirs.count('event ADDED next') === 1);
    expect(theirs.count('event ADDED bad')).toBe(1);
    expect(theirs.lines.some((line) => line.includes('this object cannot be handled'))).toBe(false);
  });
});

describe('row A.2/409 on a finalizer', () => {
  /** Answers writes with a conflict until it is lifted. */
  function conflicting(contest: Contest): { lift(): void } {
    let state: 'on' | 'off' = 'on';
    contest.server.fault = (request, response) => {
      if (request.method === 'GET' || state === 'off') return fromTheBeginning(request, response);
      answer(response, 409, status(409, 'Conflict', 'the object has been modified'));
      return 'handled';
    };
    return { lift: () => void (state = 'off') };
  }

  it('ours says true only when the finalizer is set; the package says true though it is not, and null for the status', async () => {
    const ours = await begin('own', { behaviour: 'write' }, []);
    const fault = conflicting(ours);
    ours.server.api.put(widget('a', 'ns'));
    await eventually('ours tries again', () => ours.count('event ADDED a') >= 2);
    expect(ours.count('finalizer')).toBe(0);
    expect(ours.lines.some((line) => line.startsWith('log warn') && line.includes('409 Conflict'))).toBe(true);
    fault.lift();
    await eventually('ours has set it', () => ours.count('finalizer true') > 0);
    expect(stored(ours, 'a')?.metadata.finalizers).toEqual(['kube-tests.sluice.dev/cleanup']);
    await eventually('ours has written the status', () => stored(ours, 'a')?.status?.phase === 'Ready');

    const theirs = await begin('package', { behaviour: 'write' }, []);
    conflicting(theirs);
    theirs.server.api.put(widget('a', 'ns'));
    await eventually('theirs is done', () => theirs.count('status') === 1);
    expect(theirs.lines.filter((line) => /^(finalizer|status) /.test(line))).toEqual(['finalizer true', 'status null']);
    expect(stored(theirs, 'a')?.metadata.finalizers).toBeUndefined();
  });
});

describe('row A.2/ERROR event 410', () => {
  it('ours lists and watches again without a replay; the package dies of an uncaught exception', async () => {
    const [ours, theirs] = [await begin('own'), await begin('package')];
    for (const each of [ours, theirs]) {
      await eventually('the widget is heard of', () => each.count('event ADDED a') === 1);
      each.server.api.sendRaw(`${JSON.stringify({ type: 'ERROR', object: status(410, 'Expired', 'too old resource version') })}\n`);
    }
    expect(await theirs.ended()).toBe(1);
    expect(theirs.count('uncaught Malformed event object')).toBe(1);
    await eventually('ours watches again', () => ours.server.api.count('watch') >= 2 && ours.server.api.openWatches >= 1);
    ours.server.api.put(widget('b', 'ns'));
    await eventually('ours hears what comes', () => ours.count('event ADDED b') === 1);
    expect([ours.count('event ADDED a'), ours.exitCode]).toEqual([1, undefined]);
  });
});

describe('row A.2/connection reset', () => {
  it('ours watches again without a replay; the package calls process.exit(1)', async () => {
    const [ours, theirs] = [await begin('own'), await begin('package')];
    for (const each of [ours, theirs]) {
      await eventually('the widget is heard of', () => each.count('event ADDED a') === 1);
      each.server.api.server.reset();
    }
    expect(await theirs.ended()).toBe(1);
    await eventually('ours watches again', () => ours.server.api.count('watch') >= 2 && ours.server.api.openWatches >= 1);
    ours.server.api.put(widget('b', 'ns'));
    await eventually('ours hears what comes', () => ours.count('event ADDED b') === 1);
    expect([ours.count('event ADDED a'), ours.exitCode]).toEqual([1, undefined]);
  });
});

describe('row A.2/every new watch', () => {
  it('ours tells of five objects once over three watches; the package tells of each again and again', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const [ours, theirs] = [await begin('own', {}, names), await begin('package', {}, names)];
    for (const each of [ours, theirs]) {
      const { api } = each.server;
      for (let watch = 1; watch <= 2; watch++) {
        await eventually(`watch ${watch} is open`, () => api.count('watch') >= watch && api.openWatches > 0);
        api.endWatches();
      }
      await eventually('the third is open', () => api.count('watch') >= 3 && api.openWatches > 0);
      api.put(widget('last', 'ns'));
      await eventually('the last is heard of', () => each.count('event ADDED last') === 1);
    }
    expect(ours.count('event ADDED')).toBe(6);
    expect(theirs.count('event ADDED')).toBe(16);
  });
});

describe('row A.2/one slow handler', () => {
  it('ours goes on with other objects; the package blocks all resources', async () => {
    const names = ['slow', 'quick'];
    const [ours, theirs] = [await begin('own', { behaviour: 'block' }, names), await begin('package', { behaviour: 'block' }, names)];
    await eventually('ours handles the other', () => ours.count('event ADDED quick') === 1);
    await eventually('theirs is in the slow one', () => theirs.count('event ADDED slow') === 1);
    await pause(300);
    expect(theirs.count('event ADDED quick')).toBe(0);
  });
});

describe('row A.3/with the client that is shipped', () => {
  it('ours writes finalizer and status; the package with client-node 2 writes nothing', async () => {
    const ours = await begin('own', { behaviour: 'write' });
    await eventually('ours has written both', () => stored(ours, 'a')?.status?.phase === 'Ready' && stored(ours, 'a')?.metadata.finalizers !== undefined);
    const theirs = await begin('package', { behaviour: 'write', client: 'newer client' });
    await eventually('theirs is done', () => theirs.count('status') > 0 || theirs.exitCode !== undefined);
    expect(theirs.count('status written')).toBe(0);
    expect(theirs.server.api.count('write')).toBe(0);
    expect(theirs.lines.filter((line) => line.startsWith('log error') || line.startsWith('uncaught')).join()).toMatch(/Invalid URL|Only absolute URLs/);
  });
});

import { describe, expect, it } from 'vitest';
import { createCallPermits } from './call-permits.ts';

const never = new AbortController().signal;

describe('createCallPermits', () => {
  it('lets as many in as there are places, the others in their order', async () => {
    const permits = createCallPermits(2);
    const seen: string[] = [];
    const enter = async (name: string) => {
      const release = await permits.acquire(never);
      seen.push(name);
      return release;
    };
    const [first] = await Promise.all([enter('a'), enter('b')]);
    const third = enter('c');
    const fourth = enter('d');
    expect(seen).toEqual(['a', 'b']);
    first();
    (await third)();
    (await fourth)();
    expect(seen).toEqual(['a', 'b', 'c', 'd']);
  });

  it('gives a place back once, however often it is released', async () => {
    const permits = createCallPermits(1);
    const release = await permits.acquire(never);
    release();
    release();
    await permits.acquire(never);
    let entered = 0;
    void permits.acquire(never).then(() => (entered += 1));
    await Promise.resolve();
    expect(entered).toBe(0);
  });

  it('forgets who stops waiting', async () => {
    const permits = createCallPermits(1);
    const release = await permits.acquire(never);
    const leaving = new AbortController();
    const waiting = permits.acquire(leaving.signal);
    leaving.abort(new Error('left'));
    await expect(waiting).rejects.toThrow('left');
    release();
    expect(await permits.acquire(never)).toBeTypeOf('function');
    await expect(permits.acquire(leaving.signal)).rejects.toThrow('left');
  });
});

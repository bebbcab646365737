import { ServerCallContext } from '@a2a-js/sdk/server';
import { describe, expect, it } from 'vitest';
import { createEventBuses } from './event-buses.ts';

const contextOf = (tenant: string, userName: string): ServerCallContext => {
  const context = new ServerCallContext({ user: { isAuthenticated: true, userName } });
  context.setTenant(tenant);
  return context;
};

describe('createEventBuses', () => {
  it('keeps one bus for a task of an owner, until it is over', () => {
    const buses = createEventBuses();
    const anna = contextOf('', 'anna');
    const bus = buses.createOrGetByTaskId('t-1', anna);
    expect(buses.createOrGetByTaskId('t-1', anna)).toBe(bus);
    expect(buses.getByTaskId('t-1', anna)).toBe(bus);
    expect(buses.getByTaskId('t-1', contextOf('', 'bob'))).toBeUndefined();
    expect(buses.getByTaskId('t-1', contextOf('other', 'anna'))).toBeUndefined();
    buses.cleanupByTaskId('t-1', anna);
    expect(buses.getByTaskId('t-1', anna)).toBeUndefined();
  });

  it('keeps nothing of tenants that were named once', () => {
    const buses = createEventBuses();
    for (let number = 0; number < 100; number += 1) {
      const context = contextOf(`tenant-${number}`, 'anna');
      buses.createOrGetByTaskId('t', context);
      buses.cleanupByTaskId('t', context);
    }
    expect(buses.size()).toBe(0);
  });
});

import { DefaultExecutionEventBus, type ExecutionEventBus, type ExecutionEventBusManager, type ServerCallContext } from '@a2a-js/sdk/server';

/**
 * The events of the tasks that run, for their owners. That of the library keeps a map for every tenant that a caller has named, for good;
 * this one is as large as there are tasks that run, which admission bounds.
 */
export function createEventBuses(): ExecutionEventBusManager & { readonly size: () => number } {
  const buses = new Map<string, ExecutionEventBus>();
  const keyOf = (taskId: string, context?: ServerCallContext): string => JSON.stringify([context?.tenant ?? '', context?.user?.userName ?? '', taskId]);
  return {
    createOrGetByTaskId: (taskId, context) => {
      const key = keyOf(taskId, context);
      const bus = buses.get(key) ?? new DefaultExecutionEventBus();
      buses.set(key, bus);
      return bus;
    },
    getByTaskId: (taskId, context) => buses.get(keyOf(taskId, context)),
    cleanupByTaskId: (taskId, context) => {
      const key = keyOf(taskId, context);
      buses.get(key)?.removeAllListeners();
      buses.delete(key);
    },
    size: () => buses.size,
  };
}

import { Counter, Gauge, type Registry } from 'prom-client';

const reasons = ['room', 'refused', 'unread'] as const;

export interface ConnectionMetrics {
  readonly closed: (reason: (typeof reasons)[number]) => void;
  /** Lets the gauge read how many connections there are. */
  readonly watch: (read: () => { readonly inUse: number; readonly idle: number; readonly maximum: number }) => void;
}

/** Counts the connections of clients. */
export function createConnectionMetrics(registry: Registry): ConnectionMetrics {
  const closed = new Counter({ name: 'sluice_connections_closed_total', help: 'Connections of clients that were closed for a new one (room), for which there was no place (refused), or that asked for more than they read (unread).', labelNames: ['reason'] as const, registers: [registry] });
  for (const reason of reasons) closed.inc({ reason }, 0);
  const connections = new Gauge({ name: 'sluice_connections', help: 'Connections of clients: in_use by a request, idle, and the most that there may be.', labelNames: ['state'] as const, registers: [registry] });
  return {
    closed: (reason) => closed.inc({ reason }),
    watch: (read) => {
      const collect = (): void => {
        const { inUse, idle, maximum } = read();
        connections.set({ state: 'in_use' }, inUse);
        connections.set({ state: 'idle' }, idle);
        connections.set({ state: 'maximum' }, maximum);
      };
      Object.assign(connections, { collect });
    },
  };
}

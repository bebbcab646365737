import type { ResourceMeta } from '../resource-event.ts';
import { connectionTo } from '../../testing/connection.ts';
import { RecordingSink } from '../../testing/recording-sink.ts';
import { KubeMetrics } from '../../metrics/kube-metrics.ts';
import { Operator, type OperatorOptions } from '../operator.ts';
import type { ResourceEvent, ResourceEventHandler } from '../resource-event.ts';
import { OperatorApi } from './operator-api.ts';

/** An operator whose protected verbs tests may call. */
export class OpenOperator extends Operator {
  readonly onInit: (operator: OpenOperator) => Promise<void>;

  constructor(onInit: (operator: OpenOperator) => Promise<void>, options: OperatorOptions, log: string[]) {
    const note = (level: string) => (message: string) => void log.push(`${level}: ${message}`);
    super({ debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') }, options);
    this.onInit = onInit;
  }

  watch(onEvent: ResourceEventHandler, namespace?: string): Promise<void> {
    return this.watchResource('kube-tests.sluice.dev', 'v1', 'widgets', onEvent, namespace);
  }

  setStatus(meta: ResourceMeta, status: unknown): Promise<ResourceMeta | null> {
    return this.setResourceStatus(meta, status);
  }

  patchStatus(meta: ResourceMeta, status: unknown): Promise<ResourceMeta | null> {
    return this.patchResourceStatus(meta, status);
  }

  finalize(event: ResourceEvent, finalizer: string, deleteAction: (event: ResourceEvent) => Promise<void>): Promise<boolean> {
    return this.handleResourceFinalizer(event, finalizer, deleteAction);
  }

  setFinalizers(meta: ResourceMeta, finalizers: string[]): Promise<void> {
    return this.setResourceFinalizers(meta, finalizers);
  }

  uri(namespace?: string): string {
    return this.getCustomResourceApiUri('kube-tests.sluice.dev', 'v1', 'widgets', namespace);
  }

  protected init(): Promise<void> {
    return this.onInit(this);
  }
}

/** A fake API server with an operator on it, and all that it logged and counted. */
export class OperatorRig {
  readonly server: OperatorApi;
  readonly log: string[] = [];
  readonly metrics = new RecordingSink();
  readonly operators: OpenOperator[] = [];

  private constructor(server: OperatorApi) {
    this.server = server;
  }

  static async start(): Promise<OperatorRig> {
    return new OperatorRig(await OperatorApi.start());
  }

  operator(onInit: (operator: OpenOperator) => Promise<void>, options: OperatorOptions = {}): OpenOperator {
    const made = new OpenOperator(onInit, { connection: connectionTo(this.server.api.server.url), metrics: new KubeMetrics(this.metrics), ...options }, this.log);
    this.operators.push(made);
    return made;
  }

  async close(): Promise<void> {
    for (const each of this.operators) {
      each.stop();
      await each.finished().catch(() => {});
    }
    await this.server.api.close();
  }
}

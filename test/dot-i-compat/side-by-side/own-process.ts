import { Operator, type ResourceEvent } from '@sluice/kube';
import { handlerOf, report, reportingLogger, stopOnCommand } from './probe.ts';

const [behaviour = 'note'] = process.argv.slice(2);

class OwnProbe extends Operator {
  constructor() {
    super(reportingLogger(), { drainMs: 100 });
  }

  protected async init(): Promise<void> {
    const handler = handlerOf<ResourceEvent>(behaviour, {
      setStatus: (event, status) => this.setResourceStatus(event.meta, status),
      finalize: (event) => this.handleResourceFinalizer(event, 'kube-tests.sluice.dev/cleanup', async () => {}),
    });
    await this.watchResource('kube-tests.sluice.dev', 'v1', 'widgets', handler);
  }
}

process.on('uncaughtExceptionMonitor', (error) => report(`uncaught ${error.message}`));
const probe = new OwnProbe();
stopOnCommand(() => probe.stop());
await probe.start();
report('started');

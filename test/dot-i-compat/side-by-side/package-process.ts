import type { ResourceEvent } from '@dot-i/k8s-operator';
import { registerHooks } from 'node:module';
import { handlerOf, report, reportingLogger, stopOnCommand } from './probe.ts';

const [behaviour = 'note', stopping = 'on command', client = 'own client'] = process.argv.slice(2);

if (client !== 'own client') {
  // The package's own client gives way to the newer one that test/ has beside it.
  const url = import.meta.resolve('@kubernetes/client-node');
  registerHooks({ resolve: (specifier, context, next) => (specifier === '@kubernetes/client-node' ? { url, format: 'module', shortCircuit: true } : next(specifier, context)) });
}
// After the hook, which must see its imports.
const { dotI } = await import('../package.ts');

class PackageProbe extends dotI.default {
  constructor() {
    super(reportingLogger((message) => {
      if (stopping === 'between watches' && message.startsWith('restarting watch')) this.stop();
    }));
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
const probe = new PackageProbe();
stopOnCommand(() => probe.stop());
await probe.start();
report('started');

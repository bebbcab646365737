import type { Teller } from './chapter.ts';
import type { Checks } from './result.ts';
import { namespace } from './stage.ts';

/** Everything that people may read without the right to read Secrets. */
const readable = 'configmaps,pods,deployments.apps,jobs.batch,services,events.events.k8s.io,agentdeployments,releases,evalruns,evalsuites,modelproviders';

/** The provider's key is in its Secret and nowhere else: no object, event, status or log holds it. */
export async function checkNoSecretLeaked({ stage, signal }: Teller, secret: string, checks: Checks): Promise<void> {
  const call = { signal, timeoutMs: 60_000 };
  const places: Record<string, string> = {
    objects: await stage.kubectl(['-n', namespace, 'get', readable, '-o', 'json'], call),
    'agent logs': await stage.kubectl(['-n', namespace, 'logs', '-l', 'sluice.dev/agent', '--all-containers', '--tail=-1', '--prefix'], call),
    'operator logs': await stage.kubectl(['-n', 'sluice-system', 'logs', '-l', 'app.kubernetes.io/name=sluice', '--all-containers', '--tail=-1'], call),
  };
  const encoded = Buffer.from(secret).toString('base64');
  const leaks = Object.entries(places).filter(([, text]) => text.includes(secret) || text.includes(encoded)).map(([place]) => place);
  const looked = Object.entries(places).map(([place, text]) => `${place} ${text.length} bytes`).join(', ');
  const empty = Object.entries(places).filter(([, text]) => text.length === 0).map(([place]) => place);
  checks.expect('the provider key is in no object, status, event or log', leaks.length === 0 && empty.length === 0 ? 'passed' : 'failed', leaks.length > 0 ? `found in ${leaks.join(', ')}` : `looked at ${looked}`);
}

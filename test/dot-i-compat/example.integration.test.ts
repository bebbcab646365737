import { customResourceDefinitions, defineResource, type KubeObject } from '@sluice/kube';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../kube/src/testing/eventually.ts';
import { openTestCluster, type TestCluster } from '../../kube/src/testing/test-cluster.ts';
import { MailboxOperator } from './example/ported.ts';

interface Mailbox extends KubeObject {
  spec: { address: string };
  status?: { observedGeneration?: number };
}

const mailboxes = defineResource<Mailbox>({ group: 'compat-tests.sluice.dev', version: 'v1', plural: 'mailboxes', kind: 'Mailbox', scope: 'Namespaced' });
const definition = { namespace: '', name: 'mailboxes.compat-tests.sluice.dev' };
let cluster: TestCluster;
let operator: MailboxOperator;
let kubeconfig: string | undefined;

beforeAll(async () => {
  cluster = await openTestCluster('dot-i');
  // As the package does, the example finds its cluster by itself.
  kubeconfig = process.env['KUBECONFIG'];
  process.env['KUBECONFIG'] = process.env['SLUICE_TEST_KUBECONFIG'];
  operator = new MailboxOperator(join(import.meta.dirname, 'example/mailboxes.yaml'));
  await operator.start();
});

afterAll(async () => {
  operator.stop();
  await operator.finished();
  if (kubeconfig === undefined) delete process.env['KUBECONFIG'];
  else process.env['KUBECONFIG'] = kubeconfig;
  await cluster.client.delete(customResourceDefinitions, definition, {}, cluster.call);
  await cluster.close();
});

function mailbox(name: string, address: string): Mailbox {
  return { apiVersion: 'compat-tests.sluice.dev/v1', kind: 'Mailbox', metadata: { name, namespace: cluster.namespace }, spec: { address } };
}

describe('the example of the package, ported, on a real API server', () => {
  it('registers its definition with the validation rule in it', async () => {
    await expect(cluster.client.create(mailboxes, mailbox('bad', 'nobody'), cluster.call)).rejects.toThrow('address must hold an @');
  });

  it('opens an account with finalizer and status, follows a change, and closes it on deletion', async () => {
    const { client, call, namespace } = cluster;
    const key = { namespace, name: 'ada' };
    const made = await client.create(mailboxes, mailbox('ada', 'ada@example.org'), call);
    const uid = made.metadata.uid ?? '';
    const observed = async () => (await client.get(mailboxes, key, call)).status?.observedGeneration;
    await eventually('the status is set', async () => (await observed()) === 1);
    expect((await client.get(mailboxes, key, call)).metadata.finalizers).toEqual(['mailboxes.compat-tests.sluice.dev/account']);
    expect(operator.accounts.get(uid)).toBe('ada@example.org');
    await client.mergePatch(mailboxes, key, { spec: { address: 'countess@example.org' } }, call);
    await eventually('the change is handled', async () => (await observed()) === 2);
    expect(operator.accounts.get(uid)).toBe('countess@example.org');
    await client.delete(mailboxes, key, {}, call);
    await eventually('it is gone', async () => (await client.find(mailboxes, key, call)) === undefined);
    expect(operator.accounts.has(uid)).toBe(false);
  });
});

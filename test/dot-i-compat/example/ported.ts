import { type KubeObject as KubernetesObject, Operator, type ResourceEvent, ResourceEventType } from '@sluice/kube';

interface Mailbox extends KubernetesObject {
  spec: { address: string; quotaMiB?: number };
  status?: { observedGeneration?: number };
}

/** The kinds of calls that the package's documentation shows, for a resource that keeps something outside of the cluster. */
export class MailboxOperator extends Operator {
  /** Stands for the mail server: address by uid. */
  readonly accounts = new Map<string, string>();
  readonly crdFile: string;

  constructor(crdFile: string) {
    super(undefined);
    this.crdFile = crdFile;
  }

  protected async init(): Promise<void> {
    const { group, versions, plural } = await this.registerCustomResourceDefinition(this.crdFile);
    await this.watchResource(group, versions[0]?.name ?? '', plural, async (event) => {
      if (event.type !== ResourceEventType.Added && event.type !== ResourceEventType.Modified) return;
      const handled = await this.handleResourceFinalizer(event, 'mailboxes.compat-tests.sluice.dev/account', (gone) => this.closeAccount(gone));
      if (!handled) await this.openAccount(event);
    });
  }

  private async openAccount(event: ResourceEvent): Promise<void> {
    const mailbox = event.object as Mailbox;
    const generation = mailbox.metadata?.generation;
    if (mailbox.status?.observedGeneration === generation) return;
    this.accounts.set(mailbox.metadata?.uid ?? '', mailbox.spec.address);
    await this.setResourceStatus(event.meta, { observedGeneration: generation });
  }

  private async closeAccount(event: ResourceEvent): Promise<void> {
    this.accounts.delete(event.object.metadata?.uid ?? '');
  }
}

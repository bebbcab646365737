import { createInterface } from 'node:readline';

/** What a peer knows: names and resourceVersions. */
export type PeerView = Readonly<Record<string, string>>;

export type PeerAnswer = { readonly say: 'view'; readonly view: PeerView } | { readonly say: 'stopped' };

/** What a peer program watches, in environment variables. */
export interface PeerTask {
  readonly namespace: string;
}

/** One way to follow ConfigMaps: how to begin, what is known, how to stop. */
export interface PeerSubject {
  start(task: PeerTask): Promise<void>;
  view(): PeerView;
  stop(): Promise<void>;
}

/** Runs a subject as a program: it answers `view` and `stop` on its input, and stays until it is told `exit`. */
export async function runPeer(subject: PeerSubject): Promise<void> {
  const say = (answer: PeerAnswer) => void process.stdout.write(`${JSON.stringify(answer)}\n`);
  createInterface(process.stdin).on('line', (line) => {
    if (line === 'view') say({ say: 'view', view: subject.view() });
    else if (line === 'stop') void subject.stop().then(() => say({ say: 'stopped' }));
    else process.exit(0);
  });
  await subject.start({ namespace: process.env['PEER_NAMESPACE'] ?? 'default' });
}

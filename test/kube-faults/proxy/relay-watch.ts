import type { IncomingMessage } from 'node:http';
import type { ClientSide } from './client-side.ts';
import { endingFaults, type EndingFault, type Fault, isOneOf } from './fault.ts';
import { errorEvent } from './fault-status.ts';
import { linesOf } from './lines.ts';

/** How long a line waits for the next one, to change places with it. */
const SWAP_MS = 500;

export interface RelayWatch {
  readonly upstream: IncomingMessage;
  readonly client: ClientSide;
  readonly faults: readonly Fault[];
  /** Told of each fault as it strikes. */
  readonly struck: (fault: Fault) => void;
}

/** Sends a watch on line by line, doing to it what the faults say; ends when either side does. */
export async function relayWatch(relay: RelayWatch): Promise<void> {
  const run = new WatchRelay(relay);
  try {
    for await (const line of linesOf(relay.upstream)) {
      if (run.over) break;
      await run.take(line);
    }
    if (!run.over) relay.client.response.end();
  } catch {
    // The API server broke the stream: so does a proxy.
    if (!run.over) relay.client.reset();
  } finally {
    run.close();
    relay.upstream.destroy();
  }
}

class WatchRelay {
  readonly #relay: RelayWatch;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #sent: string[] = [];
  #held: { readonly line: string; readonly fault: Fault; readonly timer: NodeJS.Timeout } | undefined;
  /** Lines still to be sent byte by byte. */
  #slowLines = 0;
  #count = 0;
  over = false;

  constructor(relay: RelayWatch) {
    this.#relay = relay;
    for (const fault of relay.faults) {
      if (isOneOf(endingFaults, fault.kind) && !needsLine(fault.kind)) this.#timers.push(setTimeout(() => this.#end(fault, undefined), fault.afterMs));
    }
  }

  async take(line: string): Promise<void> {
    const due = this.#relay.faults.filter((fault) => fault.afterLines === this.#count);
    this.#count += 1;
    for (const fault of due) {
      if (isOneOf(endingFaults, fault.kind)) return this.#end(fault, line);
      if (fault.kind === 'swapped') return this.#hold(fault, line);
      if (fault.kind === 'byte-by-byte') this.#slowDown(fault);
    }
    await this.#sendWithHeld(line);
    for (const fault of due) if (fault.kind === 'duplicated') await this.#repeat(fault);
  }

  close(): void {
    this.over = true;
    for (const timer of this.#timers) clearTimeout(timer);
    if (this.#held) clearTimeout(this.#held.timer);
  }

  async #send(line: string): Promise<void> {
    this.#sent.push(line);
    if (this.#sent.length > 4) this.#sent.shift();
    if (this.#slowLines === 0) return this.#relay.client.write(line);
    this.#slowLines -= 1;
    await this.#relay.client.writeSlowly(line);
  }

  #slowDown(fault: Fault): void {
    this.#slowLines = fault.amount;
    this.#relay.struck(fault);
  }

  #hold(fault: Fault, line: string): void {
    const timer = setTimeout(() => void this.#sendWithHeld(''), SWAP_MS);
    this.#held = { line, fault, timer };
  }

  /**
   * A line that was held goes out after its successor, and in one piece with it: a connection that broke between the two would lose
   * the first for good, to any client. For the same reason nothing changes places with a bookmark.
   */
  async #sendWithHeld(line: string): Promise<void> {
    const held = this.#held;
    this.#held = undefined;
    if (!held) return this.#send(line);
    clearTimeout(held.timer);
    if (this.over) return;
    const swap = line !== '' && ![held.line, line].some((each) => each.startsWith('{"type":"BOOKMARK"'));
    if (swap) this.#relay.struck(held.fault);
    await this.#send(swap ? line + held.line : held.line + line);
  }

  async #repeat(fault: Fault): Promise<void> {
    this.#relay.struck(fault);
    for (const line of this.#sent.slice(-fault.amount)) await this.#relay.client.write(line);
  }

  #end(fault: Fault, line: string | undefined): void {
    if (this.over || this.#relay.client.gone) return;
    this.over = true;
    this.#relay.struck(fault);
    endWatch(fault.kind as EndingFault, line ?? '', this.#relay.client);
    this.#relay.upstream.destroy();
  }
}

function needsLine(kind: EndingFault): boolean {
  return kind === 'half-line' || kind === 'half-chunk';
}

function endWatch(kind: EndingFault, line: string, client: ClientSide): void {
  switch (kind) {
    case 'stream-reset':
      return client.reset();
    case 'stream-silence':
    case 'silence-after-headers':
      return;
    case 'stream-end':
      return void client.response.end();
    case 'half-line':
      return void client.response.end(line.slice(0, Math.max(1, Math.floor(line.length / 2))));
    case 'half-chunk':
      return client.halfChunk(line);
    case 'event-410':
    case 'event-500':
    case 'event-504':
      return void client.response.end(errorEvent(Number(kind.slice('event-'.length))));
  }
}

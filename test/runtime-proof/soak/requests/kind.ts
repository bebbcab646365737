import type { AskAgent } from './ask-agent.ts';

/** What requests are sent with. */
export interface Sending {
  readonly url: string;
  readonly keys: Readonly<Record<'user' | 'approver', string>>;
  readonly ask: AskAgent;
  /** Milliseconds since some time ago. */
  readonly now: () => number;
}

/** Sends one request, with what belongs to it, and looks at the answers. `index`: its number among all. Throws Error for an answer that nobody may get. */
export type Send = (index: number) => Promise<unknown>;

/** A kind of requests; some remember what they were told, so as to ask for it again. */
export type Kind = (sending: Sending) => Send;

/** The model answers it from its prompt. */
export function plainQuestion(index: number): { readonly input: { readonly text: string } } {
  return { input: { text: `How long do parcels take, asks customer ${index}?` } };
}

/** The model looks an order up; the tool fails now and then. */
export function orderQuestion(index: number): { readonly input: { readonly text: string } } {
  return { input: { text: `What is the status of order ${index}?` } };
}

/** The answer has 5 to 50 KB. */
export function reportQuestion(index: number): { readonly input: { readonly text: string } } {
  return { input: { text: `Fetch sales report ${index}.` } };
}

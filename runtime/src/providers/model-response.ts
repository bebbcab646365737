import { arrayBuffer, blob, text } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { decodedBody } from './decoded-body.ts';
import { ModelHeaders } from './model-headers.ts';

type Received = Pick<Dispatcher.ResponseData<unknown>, 'statusCode' | 'statusText' | 'headers' | 'body'>;

/** The part of a response that SDKs use; there are no copies, forms and web sockets. */
type ReadResponse = Omit<Response, 'clone' | 'formData' | 'headers' | 'textStream'>;

/**
 * A response of a provider as SDKs read it. Its body is read from the connection: a whole one is put together without a web stream, which costs
 * more than everything else that is done with an answer; one is made only for who asks for `body`.
 */
export class ModelResponse implements ReadResponse {
  readonly headers: ModelHeaders;
  readonly redirected = false;
  readonly status: number;
  readonly statusText: string;
  readonly type = 'basic';
  readonly url: string;
  readonly #received: Received['body'];
  /** Set when the server has encoded the body. */
  readonly #decoded: Readable | undefined;
  #stream: ReadableStream<Uint8Array<ArrayBuffer>> | undefined;

  /** `longest`: bytes of a body that is decoded. */
  constructor(received: Received, url: string, longest?: number) {
    this.headers = new ModelHeaders(received.headers);
    this.status = received.statusCode;
    this.statusText = received.statusText;
    this.url = url;
    this.#received = received.body;
    this.#decoded = decodedBody(received.body, this.headers.get('content-encoding') ?? undefined, longest);
  }

  get ok(): boolean {
    return this.status >= 200 && this.status <= 299;
  }

  get body(): ReadableStream<Uint8Array<ArrayBuffer>> {
    // Not `body` of undici: to give that up before it was read from leaves the connection open.
    this.#stream ??= Readable.toWeb(this.#decoded ?? this.#received) as ReadableStream<Uint8Array<ArrayBuffer>>;
    return this.#stream;
  }

  get bodyUsed(): boolean {
    return this.#decoded === undefined ? this.#received.bodyUsed : Readable.isDisturbed(this.#decoded);
  }

  async text(): Promise<string> {
    return this.#decoded === undefined ? await this.#received.text() : await text(this.#decoded);
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text()) as unknown;
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return this.#decoded === undefined ? await this.#received.arrayBuffer() : await arrayBuffer(this.#decoded);
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await this.arrayBuffer());
  }

  async blob(): Promise<Blob> {
    return this.#decoded === undefined ? await this.#received.blob() : await blob(this.#decoded);
  }
}

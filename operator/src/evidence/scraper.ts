import { CountingSource, type MemoryBounds } from './counting-source.ts';
import { PageReader, type PageReaderOptions } from './page-reader.ts';

export interface ScraperOptions extends MemoryBounds, PageReaderOptions {}

/** Counts by reading the pods' own metrics pages: nothing to install. Increments of a missed scrape come with the next good one. */
export class PodScraper extends CountingSource {
  readonly #reader: PageReader;

  constructor(options: ScraperOptions) {
    const reader = new PageReader(options);
    super({ ...options, reader });
    this.#reader = reader;
  }

  /** Gives up all connections. */
  async close(): Promise<void> {
    await this.#reader.close();
  }
}

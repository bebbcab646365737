/** Documents cannot be read or searched. */
export class KnowledgeError extends Error {
  override readonly name = 'KnowledgeError';
}

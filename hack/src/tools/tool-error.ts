/** A tool that could not be found, built or installed; the message says what to do. */
export class ToolError extends Error {
  override readonly name = 'ToolError';
}

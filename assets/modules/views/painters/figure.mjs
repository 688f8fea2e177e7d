/** Draws what a model answers: a figure that Python made, by plotly. */

/**
 * @param {Element} host
 * @param {{figure: {data: object[], layout: object}}} view
 * @param {{showFigure: (id: string, figure: object) => Promise<void>}} tools
 */
export const paint = (host, { figure }, { showFigure }) => showFigure(host.id, figure);

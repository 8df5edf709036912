// Which part of the map to ask the server for: whole tiles of the web map, so that no request tells a point, and so
// that small moves ask for what is already here.
const TILE = 256; // pixels
const DIGITS = 6;

/** The tiles in view as the parameters of /api/v1/clusters. */
export function windowOf(map) {
  const zoom = map.getZoom();
  const { min, max } = map.getPixelBounds();
  const side = 2 ** zoom;
  const [left, right] = [Math.floor(min.x / TILE), Math.ceil(max.x / TILE)];
  const [top, bottom] = [Math.max(0, Math.floor(min.y / TILE)), Math.min(side, Math.ceil(max.y / TILE))];
  const isWholeRound = right - left >= side;
  const west = isWholeRound ? -180 : onTheGlobe((left / side) * 360 - 180, -180);
  const east = isWholeRound ? 180 : onTheGlobe((right / side) * 360 - 180, 180);
  const bbox = [west, latitudeOf(bottom / side), east, latitudeOf(top / side)];
  return { bbox: bbox.map((degrees) => degrees.toFixed(DIGITS)).join(","), zoom };
}

/** Whether a place, as Leaflet has it here, lies in a box of the server's. */
export function holds([west, south, east, north], [lat, lon]) {
  const longitude = lon < -180 ? lon + 360 : lon;
  const between = west <= east ? west <= longitude && longitude <= east : west <= longitude || longitude <= east;
  return between && south <= lat && lat <= north;
}

/** A longitude from -180 to 180; the antimeridian itself is written from the side it closes. */
function onTheGlobe(lon, edge) {
  const turned = ((((lon + 180) % 360) + 360) % 360) - 180;
  return turned === -180 ? edge : turned;
}

/** The latitude so far down the map, from 0 to 1. */
function latitudeOf(down) {
  return (Math.atan(Math.sinh(Math.PI * (1 - 2 * down))) * 180) / Math.PI;
}

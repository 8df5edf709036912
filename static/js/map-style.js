// How the basemap is painted: Protomaps' layers in the colours that css/map.css names, light or dark. The map that
// ships has no streets; an operator's own may have.
import {
  CenteredTextSymbolizer,
  CircleSymbolizer,
  GroupSymbolizer,
  LineLabelSymbolizer,
  LineSymbolizer,
  OffsetTextSymbolizer,
  PolygonSymbolizer,
} from "protomaps-leaflet";

const FONT = "system-ui, sans-serif";
const LINE = 2;
const POLYGON = 3;
const GREEN = ["park", "forest", "wood", "nature_reserve", "national_park", "protected_area", "golf_course", "cemetery"];

/** The layer's options for the colours in force now. */
export function look() {
  const colours = getComputedStyle(document.documentElement);
  const colour = (name) => colours.getPropertyValue(`--map-${name}`).trim();
  return { backgroundColor: colour("sea"), paintRules: painted(colour), labelRules: written(colour) };
}

const kind = (...wanted) => (_zoom, feature) => wanted.includes(feature.props.kind);
const border = (level) => (_zoom, feature) => Number(feature.props.kind_detail) === level;
const shape = (wanted, isWanted) => (zoom, feature) => feature.geomType === wanted && isWanted(zoom, feature);
const isInland = (_zoom, feature) => feature.props.kind !== "ocean";
const grows = (from, to, thin, thick) => (zoom) =>
  thin + (thick - thin) * Math.min(1, Math.max(0, (zoom - from) / (to - from)));

function painted(colour) {
  const area = (name) => new PolygonSymbolizer({ fill: colour(name) });
  const line = (name, width) => new LineSymbolizer({ color: colour(name), width });
  return [
    { dataLayer: "earth", symbolizer: area("land") },
    { dataLayer: "landuse", symbolizer: area("green"), filter: kind(...GREEN), minzoom: 9 },
    { dataLayer: "water", symbolizer: area("lake"), filter: shape(POLYGON, isInland) },
    { dataLayer: "water", symbolizer: area("sea"), filter: kind("ocean") },
    { dataLayer: "water", symbolizer: line("lake", grows(5, 11, 0.6, 2.5)), filter: shape(LINE, kind("river")) },
    { dataLayer: "buildings", symbolizer: area("county"), minzoom: 15 },
    ...streets(line),
    { dataLayer: "boundaries", symbolizer: line("county", 1), filter: border(6), minzoom: 7 },
    { dataLayer: "boundaries", symbolizer: line("border", grows(4, 9, 0.6, 1.4)), filter: border(4) },
    { dataLayer: "boundaries", symbolizer: line("border", grows(3, 9, 1.2, 2.4)), filter: border(2) },
  ];
}

/** Each road twice, the wider stroke first, so that it has an edge on light land and on dark. */
function streets(line) {
  const kinds = [
    { wanted: ["minor_road", "other"], minzoom: 12, width: [12, 17, 0.6, 7] },
    { wanted: ["major_road", "medium_road"], minzoom: 9, width: [9, 17, 0.8, 10] },
    { wanted: ["highway"], minzoom: 6, width: [6, 17, 0.8, 13] },
  ];
  const stroke = (name, more) =>
    kinds.map(({ wanted, minzoom, width: [from, to, thin, thick] }) => ({
      dataLayer: "roads",
      symbolizer: line(name, grows(from, to, thin + more, thick + more)),
      filter: kind(...wanted),
      minzoom,
    }));
  return [...stroke("road-edge", 1.6), ...stroke("road", 0)];
}

function written(colour) {
  const halo = { stroke: colour("halo"), width: 2 };
  const region = new CenteredTextSymbolizer({
    labelProps: ["name"],
    fill: colour("region"),
    ...halo,
    font: `600 11px ${FONT}`,
    letterSpacing: 1.5,
    textTransform: "uppercase",
  });
  const street = new LineLabelSymbolizer({ labelProps: ["name"], fill: colour("name"), ...halo, font: `400 11px ${FONT}` });
  return [
    { dataLayer: "places", symbolizer: region, filter: kind("country"), maxzoom: 5 },
    { dataLayer: "places", symbolizer: region, filter: kind("region"), minzoom: 4, maxzoom: 7 },
    { dataLayer: "places", symbolizer: town(colour, halo), filter: due, sort: byPopulation },
    { dataLayer: "roads", symbolizer: street, filter: kind("highway", "major_road"), minzoom: 13 },
    { dataLayer: "roads", symbolizer: street, filter: kind("minor_road"), minzoom: 15 },
  ];
}

function town(colour, halo) {
  const isLarge = (feature) => Number(feature?.props.population) >= 200_000;
  const font = (_zoom, feature) => `${isLarge(feature) ? "600 13px" : "400 12px"} ${FONT}`;
  const text = { labelProps: ["name"], fill: colour("name"), ...halo, font, maxLineChars: 40 };
  return new GroupSymbolizer([
    new CircleSymbolizer({ radius: 2, fill: colour("region"), stroke: colour("halo"), width: 1 }),
    new OffsetTextSymbolizer({ ...text, offsetX: 5, offsetY: 3 }),
  ]);
}

/** A name is due from the zoom that the data says; tiles drawn enlarged hold names for later zooms too. */
function due(zoom, feature) {
  return feature.props.kind === "locality" && Number(feature.props.min_zoom ?? 0) <= zoom;
}

function byPopulation(a, b) {
  return Number(b.population ?? 0) - Number(a.population ?? 0);
}

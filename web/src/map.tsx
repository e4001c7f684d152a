// SPDX-License-Identifier: Apache-2.0
// The map: country shapes that come with the node (no tile server is asked), assets as dots,
// what is hit in the colour of its lead time, hazard areas as outlines.
import L from "leaflet";
import { useEffect, useRef } from "preact/hooks";

export interface AssetDot {
  id: string;
  name: string;
  kind: string;
  country: string;
  lat: number;
  lon: number;
}
export interface Hit {
  at: string; // RFC 3339
  text: string;
}
export type Area = { label: string; rings: [number, number][][] };

export const NOW = "#c62f2f", SOON = "#e07b1a", LATER = "#caa21b", FINE = "#5c7f99";

export function colour(hit: Hit | undefined, now: number): string {
  if (!hit) return FINE;
  const s = (new Date(hit.at).getTime() - now) / 1000;
  return s <= 0 ? NOW : s <= 6 * 3600 ? SOON : LATER;
}

function popup(a: AssetDot, hit: Hit | undefined): HTMLElement {
  const box = document.createElement("div"); // text only: names come from outside
  const name = document.createElement("strong");
  name.textContent = a.name;
  const kind = document.createElement("div");
  kind.textContent = [a.kind, a.country].filter(Boolean).join(", ");
  box.append(name, kind);
  if (hit) {
    const said = document.createElement("div");
    said.textContent = hit.text;
    box.append(said);
  }
  return box;
}

export function Map(props: { assets: AssetDot[]; hits: Record<string, Hit>; areas: Area[]; now: number; focus?: string; loaded: boolean }) {
  const place = useRef<HTMLDivElement>(null);
  const map = useRef<L.Map>();
  const dots = useRef<L.LayerGroup>();
  const marks = useRef<Record<string, L.CircleMarker>>({});
  const fitted = useRef(false);

  useEffect(() => {
    const m = L.map(place.current!, { preferCanvas: true, zoomSnap: 0.25, attributionControl: false })
      .setView([51.5, 8], 5);
    L.control.attribution({ prefix: false }).addAttribution("Natural Earth").addTo(m);
    L.control.scale({ imperial: false }).addTo(m);
    map.current = m;
    dots.current = L.layerGroup().addTo(m);
    fetch("/europe.json").then((r) => r.json()).then((shapes) => {
      L.geoJSON(shapes, {
        interactive: false,
        style: { color: "#9fb0bd", weight: 0.8, fillColor: "#eef1ec", fillOpacity: 1 },
      }).addTo(m).bringToBack();
    }).catch(() => undefined);
    const grow = new ResizeObserver(() => m.invalidateSize());
    grow.observe(place.current!);
    return () => { grow.disconnect(); m.remove(); };
  }, []);

  useEffect(() => {
    const layer = dots.current;
    if (!layer) return;
    layer.clearLayers();
    marks.current = {};
    for (const area of props.areas)
      for (const ring of area.rings)
        L.polygon(ring, { color: "#7a4bb0", weight: 1.5, dashArray: "5 4", fillOpacity: 0.1 })
          .bindTooltip(area.label).addTo(layer);
    const ordered = [...props.assets].sort((a, b) => +(a.id in props.hits) - +(b.id in props.hits));
    for (const a of ordered) {
      const hit = props.hits[a.id];
      const c = colour(hit, props.now);
      marks.current[a.id] = L.circleMarker([a.lat, a.lon], {
        radius: hit ? 7 : 3, color: hit ? "#fff" : c, weight: hit ? 1.5 : 0.5, fillColor: c,
        fillOpacity: hit ? 0.95 : 0.55,
      }).bindPopup(() => popup(a, hit)).bindTooltip(a.name).addTo(layer);
    }
    if (!fitted.current && props.loaded && props.assets.length) {
      fitted.current = true;
      map.current?.invalidateSize();
      map.current?.fitBounds(L.latLngBounds(props.assets.map((a) => [a.lat, a.lon])), { padding: [20, 20], maxZoom: 9 });
    }
  }, [props.loaded, props.assets, props.hits, props.areas, Math.floor(props.now / 60000)]);

  useEffect(() => {
    const mark = props.focus ? marks.current[props.focus] : undefined;
    if (mark) {
      map.current?.setView(mark.getLatLng(), Math.max(map.current.getZoom(), 8));
      mark.openPopup();
    }
  }, [props.focus]);

  return <div class="map" ref={place} aria-label="Map of assets" />;
}

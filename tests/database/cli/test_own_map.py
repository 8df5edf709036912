"""`doctor` looks at the map that is served."""


def test_doctor_tells_a_map_of_the_operators_that_no_browser_can_draw(bma, settings):
    settings.basemap.write_bytes(b"no tiles")
    output = bma("doctor", code=1)
    assert "basemap.pmtiles is no PMTiles archive. Take it away, or put another there." in output
    settings.basemap.unlink()
    assert "ok    There is a basemap that browsers can draw." in bma("doctor", code=1)

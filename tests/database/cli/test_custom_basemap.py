"""`doctor` looks at the map that is served."""


def test_doctor_tells_a_map_of_the_operators_that_no_browser_can_draw(run_command, settings):
    settings.basemap.write_bytes(b"no tiles")
    output = run_command("doctor", code=1)
    assert "basemap.pmtiles is no PMTiles archive. Take it away, or put another there." in output
    settings.basemap.unlink()
    assert "ok    There is a basemap that browsers can draw." in run_command("doctor", code=1)

package machine

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"os"
)

// Screen returns what the machine's screen shows.
func (m *Machine) Screen() (image.Image, error) {
	file, err := os.CreateTemp("", "screen")
	if err != nil {
		return nil, err
	}
	file.Close()
	defer os.Remove(file.Name())
	if err := m.monitor.execute("screendump", map[string]any{"filename": file.Name()}); err != nil {
		return nil, err
	}
	dump, err := os.ReadFile(file.Name())
	if err != nil {
		return nil, err
	}
	return readPPM(dump)
}

// readPPM reads the form of ppm(5) that QEMU writes.
func readPPM(dump []byte) (image.Image, error) {
	var width, height, most int
	if _, err := fmt.Fscanf(bytes.NewReader(dump), "P6\n%d %d\n%d\n", &width, &height, &most); err != nil {
		return nil, fmt.Errorf("no PPM: %w", err)
	}
	size := width * height * 3
	if most != 255 || len(dump) < size {
		return nil, fmt.Errorf("a PPM of %d bytes, with %d by %d pixels from 0 to %d", len(dump), width, height, most)
	}
	pixels := dump[len(dump)-size:]
	screen := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := range width * height {
		screen.Set(i%width, i/width, color.RGBA{pixels[3*i], pixels[3*i+1], pixels[3*i+2], 255})
	}
	return screen, nil
}

package main

import (
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// What is carried.
const (
	smallCount = 5000
	smallSize  = 4 << 10
	largeSize  = 1 << 30
)

// makeSmall makes a folder of many small files, a hundred in each of its folders.
func makeSmall(dir string) error {
	noise := rand.NewChaCha8([32]byte{1})
	content := make([]byte, smallSize)
	for i := range smallCount {
		path := filepath.Join(dir, fmt.Sprintf("%02d/%04d", i/100, i))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		noise.Read(content)
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// makeLarge makes a folder of one large file.
func makeLarge(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(dir, "large"))
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := io.CopyN(f, rand.NewChaCha8([32]byte{2}), largeSize); err != nil {
		return err
	}
	return f.Close()
}

// total is how many files a folder holds, and their bytes.
func total(dir string) (files int, bytes int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		files++
		bytes += info.Size()
		return nil
	})
	return files, bytes, err
}

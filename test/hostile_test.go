package test

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	goregistry "github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

func TestHostileRegistriesSpoilLayersOnly(t *testing.T) {
	upstream := pushed(t)
	for fault, want := range map[string]string{
		"altering":   "error verifying sha256 checksum",
		"cutting":    "unexpected EOF",
		"truncating": "does not match expected size",
	} {
		t.Run(fault, func(t *testing.T) {
			image, err := remote.Image(reference(t, hostile(t, fault, upstream)))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := image.ConfigFile(); err != nil {
				t.Errorf("the configuration is spoilt: %v", err)
			}
			if err := readLayers(image); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got error %v, want %q", err, want)
			}
		})
	}
}

func TestRegistryBehindTheProxyIsSound(t *testing.T) {
	image, err := remote.Image(reference(t, pushed(t)))
	if err != nil {
		t.Fatal(err)
	}
	if err := readLayers(image); err != nil {
		t.Error(err)
	}
}

func TestHostileAnswers(t *testing.T) {
	for fault, want := range map[string]struct {
		status int
		body   string
	}{
		"failing":    {500, "fire"},
		"forbidding": {403, "DENIED"},
		"html":       {200, "<!DOCTYPE html>"},
	} {
		t.Run(fault, func(t *testing.T) {
			answer, err := http.Get("http://" + hostile(t, fault, "") + "/v2/")
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			body, err := io.ReadAll(answer.Body)
			if err != nil || answer.StatusCode != want.status || !strings.Contains(string(body), want.body) {
				t.Errorf("got %d, %q, %v", answer.StatusCode, body, err)
			}
		})
	}
}

func TestRefusingRegistry(t *testing.T) {
	_, err := http.Get("http://" + hostile(t, "refusing", "") + "/v2/")
	if !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("got %v", err)
	}
}

func TestSilentRegistry(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+hostile(t, "silent", "")+"/v2/", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := http.DefaultClient.Do(request); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestUnknownFault(t *testing.T) {
	if _, _, err := hostileRegistry("sleepy", ""); err == nil {
		t.Error("there is a sleepy registry")
	}
}

// hostile starts a hostile registry for the length of a test.
func hostile(t *testing.T, fault, upstream string) (address string) {
	t.Helper()
	address, stop, err := hostileRegistry(fault, upstream)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return address
}

// pushed starts a registry that has the image test/hello.
func pushed(t *testing.T) (address string) {
	t.Helper()
	server := httptest.NewServer(goregistry.New(goregistry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(server.Close)
	address = server.Listener.Addr().String()
	if err := pushImage(address+"/test/hello", t.TempDir()+"/none", []string{"true"}); err != nil {
		t.Fatal(err)
	}
	return address
}

func reference(t *testing.T, address string) name.Reference {
	t.Helper()
	ref, err := name.ParseReference(address + "/test/hello")
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

// readLayers reads an image's layers as they are transferred, and verifies them.
func readLayers(image v1.Image) error {
	layers, err := image.Layers()
	if err != nil {
		return err
	}
	for _, layer := range layers {
		r, err := layer.Compressed()
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, r)
		r.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

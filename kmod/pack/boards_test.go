package main

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// boards are device trees of Debian's kernel, and modules without which the board would
// not come to its disk or its network: drivers, and what these need. What else they need
// is built in.
var boards = map[string]string{
	"broadcom/bcm2711-rpi-4-b":             "genet mdio_bcm_unimac sdhci_iproc gpio_regulator fixed reset_raspberrypi",
	"broadcom/bcm2712-rpi-5-b":             "fixed gpio_regulator",
	"rockchip/rk3588-rock-5b":              "dw_mmc_rockchip sdhci_of_dwcmshc phy_rockchip_naneng_combphy phy_rockchip_snps_pcie3 fan53555 spi_rockchip i2c_rk3x gpio_rockchip rk808_regulator",
	"allwinner/sun50i-a64-pine64":          "dwmac_sun8i sunxi_mmc axp20x_rsb axp20x_regulator phy_sun4i_usb pinctrl_axp209",
	"amlogic/meson-g12b-a311d-khadas-vim3": "dwmac_meson8b mdio_mux_meson_g12a meson_gx_mmc dwc3_meson_g12a pwm_regulator pwm_meson",
	"amlogic/meson-g12b-odroid-n2":         "dwmac_meson8b mdio_mux_meson_g12a meson_gx_mmc dwc3_meson_g12a pwm_regulator pwm_meson onboard_usb_dev",
	"freescale/imx8mq-evk":                 "fec sdhci_esdhc_imx pfuze100_regulator i2c_imx imx_sdma phy_fsl_imx8mq_usb",
	"nvidia/tegra210-p3450-0000":           "sdhci_tegra xhci_tegra phy_tegra_xusb pwm_regulator pwm_tegra max77620_regulator",
	"marvell/armada-8040-mcbin":            "mvpp2 mvmdio sdhci_xenon_driver ahci_platform phy_mvebu_cp110_comphy sfp",
	"freescale/fsl-lx2160a-honeycomb":      "sdhci_of_esdhc xgmac_mdio phy_fsl_lynx_28g dwc3 ahci_qoriq fsl_dpaa2_eth",
}

func TestBoards(t *testing.T) {
	out, err := exec.Command("go", "run", "../../test/machine/kernel", "-arch", "arm64", "6.12-generic").Output()
	if err != nil {
		t.Fatal(err)
	}
	modules := strings.Fields(string(out))[1]
	src, err := openSource(modules)
	if err != nil {
		t.Fatal(err)
	}
	trees := filepath.Join(modules, "../../../usr/lib/linux-image-"+filepath.Base(modules))
	for board, wanted := range boards {
		names, err := src.ofDeviceTrees(filepath.Join(trees, board+".dtb"))
		if err != nil {
			t.Fatal(err)
		}
		set, err := src.withDependencies(names)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d of %d modules", board, len(set), len(src.order))
		for name := range strings.FieldsSeq(wanted) {
			if !slices.ContainsFunc(set, func(m *module) bool { return m.name == name }) {
				t.Errorf("%s: %s is missing", board, name)
			}
		}
		checkProviders(t, src, board, filepath.Join(trees, board+".dtb"), set)
	}
}

// checkProviders walks from the root to each device with a packed driver, on a way of its
// own: whatever driver a node on that way, or one that it names, has as a module is packed.
func checkProviders(t *testing.T, src *source, board, file string, set []*module) {
	root, err := readTree(file)
	if err != nil {
		t.Fatal(err)
	}
	x, err := src.aliasIndex()
	if err != nil {
		t.Fatal(err)
	}
	handles := newDeviceTree(root).handles
	packed := make(map[string]bool)
	for _, m := range set {
		packed[m.name] = true
	}
	check := func(of, n *node) {
		for ; n != nil; n = n.parent {
			for _, name := range x.Find(n.alias()) {
				if !packed[name] {
					t.Errorf("%s: %s needs %s, whose driver %s is missing", board, of.name, n.name, name)
				}
			}
		}
	}
	root.walk(func(n *node) {
		drivers := x.Find(n.alias())
		if n.alias() == "" || !n.enabled() || !slices.ContainsFunc(drivers, func(name string) bool { return packed[name] }) {
			return
		}
		check(n, n)
		for _, property := range []string{"vmmc-supply", "vqmmc-supply", "phy-supply", "clocks", "resets", "phys", "power-domains", "pinctrl-0", "iommus", "dmas", "phy-handle"} {
			if value := n.properties[property]; len(value) >= 4 && handles[be32(value)] != nil {
				check(n, handles[be32(value)])
			}
		}
	})
}
